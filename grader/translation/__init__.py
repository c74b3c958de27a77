"""What a learner reads, in other languages: catalogues of texts, and what is made with them."""
