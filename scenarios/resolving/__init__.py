"""From the shapes of a document to the vocabulary: names looked up, money in USD, everything checked together."""
