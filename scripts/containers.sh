# shellcheck shell=bash
# To be sourced by scripts that build and run container images without a container engine (buildah, chroot):
# scripts/image-test.sh, scripts/addon-test.sh. Needs root and buildah (scripts/install-dependencies.sh image); after
# scripts/playground.sh and scripts/roots.sh, whose temporary folder holds the images.

container_store=()

containers_open() {
    if ! command -v buildah >/dev/null; then
        echo "buildah is not installed (scripts/install-dependencies.sh image)" >&2
        exit 1
    fi
    playground_open
    container_store=(buildah --storage-driver vfs --root "$playground/storage" --runroot "$playground/runroot")
    trap containers_close EXIT
}

containers_close() {
    "${container_store[@]}" umount --all >/dev/null 2>&1 || true
    "${container_store[@]}" rm --all >/dev/null 2>&1 || true
    playground_close
}

# The image debian:trixie-slim, on which the Dockerfiles build, like that of the registry.
make_base_image() {
    local container
    new_root 13 "$playground/base"
    container=$("${container_store[@]}" from scratch)
    "${container_store[@]}" add -q "$container" "$playground/base" / >/dev/null
    "${container_store[@]}" config --cmd /bin/bash "$container"
    "${container_store[@]}" commit -q "$container" docker.io/library/debian:trixie-slim >/dev/null
    "${container_store[@]}" rm "$container" >/dev/null
    rm -rf "$playground/base"
}

# Builds an image; its unpacked content is then in $image_root, its configuration in $image_configuration.
build_image() { # NAME DIRECTORY BUILDAH-OPTIONS...
    local name=$1 directory=$2 container
    shift 2
    "${container_store[@]}" bud --isolation chroot --pull-never --format docker "$@" -t "$name" -f "$directory/Dockerfile" \
        "$directory" >"$playground/bud.log" 2>&1 || fail "the image could not be built:" bud
    image_configuration=$("${container_store[@]}" inspect --type image "localhost/$name")
    container=$("${container_store[@]}" from --pull-never "localhost/$name")
    image_root=$("${container_store[@]}" mount "$container")
    export image_configuration image_root
}

# Runs a command in $image_root as an engine does with --read-only: "${in_image[@]}" USER:GROUP HOST:PATH[,HOST:PATH...]
# COMMAND...; a volume whose path ends with "=" is read-only. The process becomes the command. $image_environment, if it is
# set and exported, is one more variable, as NAME=VALUE.
# shellcheck disable=SC2016,SC2034 # the variables are for the inner shell; used by the scripts
in_image=(unshare --mount bash -euc '
    mount --bind "$image_root" "$image_root" && mount -o remount,ro,bind "$image_root"
    mount --rbind /proc "$image_root/proc" && mount --rbind /dev "$image_root/dev"
    IFS=, read -ra volumes <<<"$1"
    for volume in "${volumes[@]}"; do
        path=$image_root${volume#*:} path=${path%=}
        mount --bind "${volume%%:*}" "$path"
        [[ $volume != *= ]] || mount -o remount,ro,bind "$path"
    done
    user=$0
    shift
    exec env -i PATH=/usr/local/bin:/usr/bin:/bin ${image_environment:+"$image_environment"} \
        "$(command -v chroot)" --userspec="$user" "$image_root" "$@"')
