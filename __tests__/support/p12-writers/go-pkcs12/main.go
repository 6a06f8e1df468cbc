// Writes a P12 as go-pkcs12 does: how, key, certificate, chain (PEM files), output; the password comes on stdin.
package main

import (
	"crypto/x509"
	"encoding/pem"
	"io"
	"log"
	"os"

	"software.sslmate.com/src/go-pkcs12"
)

var encoders = map[string]*pkcs12.Encoder{
	"LegacyRC2":    pkcs12.LegacyRC2,
	"LegacyDES":    pkcs12.LegacyDES,
	"Modern2023":   pkcs12.Modern2023,
	"Modern2026":   pkcs12.Modern2026,
	"Passwordless": pkcs12.Passwordless,
}

func main() {
	how, output := os.Args[1], os.Args[5]
	password := must(io.ReadAll(os.Stdin))
	key := must(x509.ParsePKCS8PrivateKey(blocks(os.Args[2])[0]))
	certificate := must(x509.ParseCertificate(blocks(os.Args[3])[0]))
	var chain []*x509.Certificate
	for _, der := range blocks(os.Args[4]) {
		chain = append(chain, must(x509.ParseCertificate(der)))
	}
	p12 := must(encoders[how].Encode(key, certificate, chain, string(password)))
	if err := os.WriteFile(output, p12, 0o600); err != nil {
		log.Fatal(err)
	}
}

func blocks(path string) (ders [][]byte) {
	rest := must(os.ReadFile(path))
	for {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			return ders
		}
		ders = append(ders, block.Bytes)
	}
}

func must[T any](value T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return value
}
