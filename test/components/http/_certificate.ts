/**
 * A certificate of localhost and 127.0.0.1 for tests, good for a hundred years; its key is no secret.
 * @module
 */

/** The certificate. */
export const cert = `-----BEGIN CERTIFICATE-----
MIIBmjCCAUGgAwIBAgIUIK5U9J0YKwGd19ih8OWCPSsEqigwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMDE5NDczMVoYDzIxMjYxMDI3
MTk0NzMxWjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAAQKg8jWCFicdHzVuTxi1bVuGV+ZjLLQnLphW/hQ07oQg0kWl9Utm/+m
fOkssP9bKtXIlEQmZs12SWKgjPoW3jXuo28wbTAdBgNVHQ4EFgQUzEHaacNpamY5
Ie+G9FTPOiPbGTkwHwYDVR0jBBgwFoAUzEHaacNpamY5Ie+G9FTPOiPbGTkwDwYD
VR0TAQH/BAUwAwEB/zAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwCgYIKoZI
zj0EAwIDRwAwRAIgQFyi92YclZahWlZhDG5V2lJ5sToDwzZg8zqpPtWZEZgCIG8i
ykrqNW3NZEmbQZ7l7U+ZdcAJ1bR4J+lfetsUiu6/
-----END CERTIFICATE-----
`;

/** Its key. */
export const key = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgnwLmQxoaidDyV2X5
zMbQJjGrEz65SXLD3sGiKtanM5uhRANCAAQKg8jWCFicdHzVuTxi1bVuGV+ZjLLQ
nLphW/hQ07oQg0kWl9Utm/+mfOkssP9bKtXIlEQmZs12SWKgjPoW3jXu
-----END PRIVATE KEY-----
`;
