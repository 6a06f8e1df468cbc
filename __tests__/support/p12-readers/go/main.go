// Reads P12s as Go programs do, by the function that the first argument names. Each line of standard input is the
// base64 of a path, a space, and the base64 of the password; each line of the output is what was found there.
package main

import (
	"bufio"
	"crypto"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"log"
	"os"
	"strings"

	frozen "golang.org/x/crypto/pkcs12"
	"software.sslmate.com/src/go-pkcs12"
)

type decoder func(p12 []byte, password string) (any, *x509.Certificate, error)

var decoders = map[string]decoder{
	"x/crypto": frozen.Decode,
	"Decode":   pkcs12.Decode,
	"DecodeChain": func(p12 []byte, password string) (any, *x509.Certificate, error) {
		key, certificate, _, err := pkcs12.DecodeChain(p12, password)
		return key, certificate, err
	},
}

func main() {
	decode := decoders[os.Args[1]]
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		path, password, _ := strings.Cut(lines.Text(), " ")
		fmt.Println(read(decode, must(os.ReadFile(text(path))), text(password)))
	}
}

// The SHA-256 of the leaf, or why there is none that a program could present.
func read(decode decoder, p12 []byte, password string) (found string) {
	defer func() {
		if panicked := recover(); panicked != nil {
			found = fmt.Sprint("refused: ", panicked)
		}
	}()
	key, certificate, err := decode(p12, password)
	if err != nil {
		return strings.ReplaceAll(fmt.Sprint("refused: ", err), "\n", " ")
	}
	if !belongs(key, certificate) {
		return "refused: the certificate is not the one of the key"
	}
	return fmt.Sprintf("%x", sha256.Sum256(certificate.Raw))
}

func belongs(key any, certificate *x509.Certificate) bool {
	signer, can := key.(crypto.Signer)
	if !can {
		return false
	}
	public, canCompare := signer.Public().(interface{ Equal(crypto.PublicKey) bool })
	return canCompare && public.Equal(certificate.PublicKey)
}

func text(encoded string) string {
	return string(must(base64.StdEncoding.DecodeString(encoded)))
}

func must[T any](value T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return value
}
