#!/bin/sh
# Builds the function and runs it on Cloud Run. `--function` names what `http()` registered.
exec gcloud run deploy shop --source . --function shop --base-image nodejs24 --region europe-west1 \
  --concurrency 80 --timeout 60 --no-allow-unauthenticated
