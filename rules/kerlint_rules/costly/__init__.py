"""KER3: what is legitimate, and what it costs."""
