"""How people sign in: allauth's pages in our dress, a second factor, the language of their pages."""
