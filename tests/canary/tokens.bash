# The secrets of the stories: recognisable, whatever is made of them.
# shellcheck shell=bash disable=SC2034
suite_token=user:1234-0kCanary7Qz4Vb1Xw9
suite_tokens=(
  "$suite_token"
  user:99-second-secret-0kCanary
  user:77-other-secret-0kCanary
  user:1234-demo-secret
)
suite_secrets=(CANARY-password CANARY-jwt hunter2-0kCanary) # of the pretend service; of an environment
