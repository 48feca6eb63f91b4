"""What live runs need of the web side: their requests, the words of their stream, documents."""
