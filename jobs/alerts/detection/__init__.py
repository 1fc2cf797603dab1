"""Which steps of a series are out of the usual: numerics only, without dates, store or language."""
