"""The two languages: words, sentences, terms and what is told to the model of meaning."""
