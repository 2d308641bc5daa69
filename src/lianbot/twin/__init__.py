"""The platforms' stand-in: WeCom and Official Account over HTTP, phones in the browser."""
