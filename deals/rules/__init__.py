"""Pure rules of the deals app: who may do what, what a policy says, what a match means."""
