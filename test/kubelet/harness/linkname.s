// Empty: with it the compiler takes functions without a body, which configs.go links by name.
