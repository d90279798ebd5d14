//! Virtual time, an agenda with a stable order, keyed chance and exact distributions. Knows nothing of messaging.
