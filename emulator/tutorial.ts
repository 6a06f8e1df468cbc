/**
 * The commands of DigiCert's tutorial "Set up service user multi-factor authentication", as it prints them. Its text
 * omits the request of step 2; this one sends the three fields that it names.
 */
export interface TutorialStep {
  id: 'request' | 'issue' | 'extract' | 'export' | 'verify' | 'id' | 'disable' | 'enable' | 'expiry' | 'list'
  title: string
  command: string
}

export const tutorial: readonly TutorialStep[] = [
  {
    id: 'request',
    title: 'Step 1: generate a certificate signing request',
    command: `openssl req -new -newkey rsa:2048 -nodes \\
  -keyout client_auth_private.key \\
  -out client_auth.csr \\
  -subj "/CN=Demo API Service User/O=Your Organization/C=US"`,
  },
  {
    id: 'issue',
    title: 'Step 2: request a client authentication certificate',
    command: `curl -X POST "https://demo.one.digicert.com/account/api/v1/client-auth-certificate" \\
  -H "x-api-key: SERVICE_USER_TOKEN" \\
  -H "Content-Type: application/json" \\
  -d "$(jq -n --rawfile csr client_auth.csr \\
    '{csr: $csr, name: "API Client Auth Certificate", exp: (now + 365 * 86400 | todate)}')" \\
  -o response.json`,
  },
  {
    id: 'extract',
    title: 'Step 3: extract the certificate',
    command: `jq -r '.x509_cert' response.json > client_auth.crt
openssl x509 -in client_auth.crt -text -noout | head -n 10`,
  },
  {
    id: 'export',
    title: 'Step 4: create the PKCS#12 file (it asks for a password: YOUR_PASSWORD below)',
    command: `openssl pkcs12 -export \\
  -out client_auth.p12 \\
  -inkey client_auth_private.key \\
  -in client_auth.crt \\
  -name "DigiCert Client Auth Certificate"`,
  },
  {
    id: 'verify',
    title: 'Step 5: test mTLS authentication',
    command: `curl -X GET \\
  --cert client_auth.p12:YOUR_PASSWORD \\
  --cert-type P12 \\
  "https://clientauth.one.digicert.com/account/api/v1/user/me"`,
  },
  {
    id: 'id',
    title: 'Step 6: the certificate ID',
    command: `CERT_ID=$(jq -r '.id' response.json)
echo "Certificate ID: $CERT_ID"`,
  },
  {
    id: 'disable',
    title: 'Disable the certificate (step 5 then returns 403)',
    command: enable('false'),
  },
  { id: 'enable', title: 'Re-enable the certificate', command: enable('true') },
  {
    id: 'expiry',
    title: 'Check its expiration with OpenSSL',
    command: `openssl pkcs12 -in client_auth.p12 -nokeys -passin pass:YOUR_PASSWORD | \\
  openssl x509 -noout -enddate`,
  },
  {
    id: 'list',
    title: 'Check its expiration with the API',
    command: `curl -X GET \\
  "https://demo.one.digicert.com/account/api/v1/client-auth-certificate" \\
  -H "x-api-key: SERVICE_API_KEY" | jq '.[] | {name, end_date, enabled}'`,
  },
]

function enable(value: 'true' | 'false'): string {
  return `curl -X PUT "https://demo.one.digicert.com/account/api/v1/client-auth-certificate/\${CERT_ID}/enable" \\
  -H "x-api-key: SERVICE_USER_TOKEN" \\
  -H "Content-Type: application/json" \\
  -d '{"enabled": ${value}}'`
}

export interface TutorialTarget {
  apiUrl: string
  clientauthUrl: string
  apiKey: string
}

/** The same command for another host; the tutorial's placeholders for the key become the key. */
export function adaptCommand(command: string, target: TutorialTarget): string {
  return command
    .replaceAll('https://clientauth.one.digicert.com', target.clientauthUrl)
    .replaceAll('https://demo.one.digicert.com', target.apiUrl)
    .replaceAll(/SERVICE_(USER_TOKEN|API_KEY)/g, target.apiKey)
}
