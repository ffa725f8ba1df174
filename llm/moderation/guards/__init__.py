"""Models that judge questions and answers: Llama Guard at a server, Prompt Guard in a folder. All satisfy `Guard`."""
