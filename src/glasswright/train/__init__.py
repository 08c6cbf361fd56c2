"""Learn weights: batches, leaves, the gradient tree, the schedule, the optimizer, checkpoints."""
