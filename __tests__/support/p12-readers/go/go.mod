module p12-reader

go 1.19

require (
	golang.org/x/crypto v0.11.0
	software.sslmate.com/src/go-pkcs12 v0.7.4
)
