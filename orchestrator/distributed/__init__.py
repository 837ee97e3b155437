"""The distributed runtime: each role of it, put together from real parts. A composition root."""
