"""Pure numerics, no I/O."""
