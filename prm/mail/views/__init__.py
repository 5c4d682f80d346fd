"""Pages of mail: unsubscribing (for everybody), the outbox and the suppressed addresses (staff, under the admin)."""
