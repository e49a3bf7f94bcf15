"""What the policy requires beyond circles: clauses as data, registers, checks and evaluation."""
