"""What each endpoint does, one module per subject. Rights come from `core.access`, everything else from below."""
