"""Experiments on generation: how prompts, demonstrations and models change the share of modules that come out right."""
