"""Long proofs: programmes that try a promise many times and write down what came of it."""
