"""Takes what runs of summaries say to people: by e-mail, to webhooks, into a folder.

Order: `deliverer` takes a delivery that is due and `bringing` makes the attempt: `reports` asks what may be told,
`rendering` writes it, and `mail`, `webhook` or `folder` brings it. `wishes` says beforehand what may be asked for.
"""
