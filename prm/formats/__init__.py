"""How Django itself writes days and moments where no filter of ours does: the admin lists."""
