# SPDX-License-Identifier: Apache-2.0
# Debian's docker.io for the test of `sgperf suite build`, unpacked into the cache and not installed: its installation
# starts a daemon of root's and changes the firewall, which nobody has asked for who runs tests.

# need_docker: dockerd is there, or in the cache as docker/root, or a word why not; never an error, the test is skipped
need_docker() {
  docker_root=$SGPERF_CACHE/docker/root
  if [ -x "$docker_root/usr/sbin/dockerd" ] || command -v dockerd >/dev/null 2>&1; then return 0; fi
  docker_start=$(date +%s)
  mkdir -p "$SGPERF_CACHE/docker"
  docker_scratch=$(mktemp -d "$SGPERF_CACHE/docker/.fetch-XXXXXX")
  # libdevmapper is the one library of theirs that a minimal system lacks.
  if (
    cd "$docker_scratch" && apt-get -qq download docker.io containerd libdevmapper1.02.1 >&2 </dev/null || exit 1
    for docker_package in *.deb; do dpkg -x "$docker_package" root || exit 1; done
  ); then
    # The test needs four programs of them; the others are a hundred megabytes.
    (cd "$docker_scratch/root/usr" && rm -rf share bin/ctr bin/dnet bin/containerd-shim bin/containerd-shim-runc-v1 sbin/ovrouter)
    rm -rf "$docker_root"
    mv "$docker_scratch/root" "$docker_root"
    say "docker.io is in the cache ($(took "$docker_start"))"
  else
    say "docker.io could not be fetched: the test of builds by docker will be skipped"
  fi
  rm -rf "$docker_scratch"
}
