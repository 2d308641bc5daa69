"""Entrance by time: one tick that plans and delivers; the plan itself is rows of ours."""
