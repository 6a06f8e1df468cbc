# What issue mode replaces: DigiCert's tutorial, steps 1 to 5, as a workflow's `run:` would have it (GitHub runs it with
# `bash -e`). Commands that only show results are omitted.
umask 077
openssl req -new -newkey rsa:2048 -nodes -keyout client_auth_private.key -out client_auth.csr \
  -subj "/CN=Demo API Service User/O=Your Organization/C=US" 2>openssl.log
jq -n --rawfile csr client_auth.csr '{csr: $csr, name: $ENV.NAME, exp: (now + 86400 | todate)}' >request.json
curl -sSf -X POST "$API_URL/account/api/v1/client-auth-certificate" \
  -H "x-api-key: $API_KEY" -H "Content-Type: application/json" -d @request.json -o response.json
jq -r .x509_cert response.json >client_auth.crt
openssl pkcs12 -export -out client_auth.p12 -inkey client_auth_private.key -in client_auth.crt \
  -name "DigiCert Client Auth Certificate" -passout env:P12_PASSWORD
rm client_auth_private.key
curl -sSf --cert "client_auth.p12:$P12_PASSWORD" --cert-type P12 \
  "$CLIENTAUTH_URL/account/api/v1/user/me" -o me.json
