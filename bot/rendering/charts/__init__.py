"""Pictures of tables, as Vega-Lite specifications."""
