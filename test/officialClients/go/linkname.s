// Empty: with it the compiler takes functions without a body, which profiles.go links by name.
