# What stored mode replaces: decode the secret, see when the certificate expires, verify it over mTLS (tutorial, step 5 and
# "Best practices for certificate rotation").
umask 077
printf %s "$P12_BASE64" | base64 -d >client_auth.p12
openssl pkcs12 -in client_auth.p12 -nokeys -passin env:P12_PASSWORD 2>openssl.log | openssl x509 -noout -enddate
curl -sSf --cert "client_auth.p12:$P12_PASSWORD" --cert-type P12 \
  "$CLIENTAUTH_URL/account/api/v1/user/me" -o me.json
