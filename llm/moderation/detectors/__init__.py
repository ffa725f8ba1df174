"""What finds harm and personal data in a text on this machine: folding, rules, personal data, a small scorer."""
