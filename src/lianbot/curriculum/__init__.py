"""Adapter: content/ to editions, and the content checker."""
