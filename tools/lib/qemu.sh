# Builds the project's QEMU: Debian's source, our patches and devices, the TAIC model. Sourced by tools/setup.
# Cache: source/<version>/ (as downloaded), tree/<version>/ (unpacked; rebuilt in place), qemu-<hash>/ (results).
# A result appears by rename and is never changed, so it may be used while another one is built.

qemu_configure="--target-list=riscv64-softmmu --without-default-features --enable-tcg --enable-fdt=system
    --enable-plugins --enable-slirp --disable-docs --disable-tools"
model_flags="-std=c++20 -O2 -g -fPIC -ffreestanding -fno-exceptions -fno-rtti -fno-threadsafe-statics -Wall -Wextra"
firmware=/usr/lib/riscv64-linux-gnu/opensbi/generic/fw_dynamic.bin

# All files that make up the result, relative to the root of the project.
qemu_inputs() {
    (cd "$root" && find tools/qemu/devices tools/qemu/patches taic/model taic/regs.hpp uintr/model uintr/regs.hpp -type f \
        \( -name '*.c' -o -name '*.h' -o -name '*.patch' -o -name '*.cpp' -o -name '*.hpp' \) | LC_ALL=C sort)
}

# The result's folder; empty while the Debian version is not known, that is, before the first download.
qemu_folder() {
    local version hash
    version=$(cat "$cache/source/version" 2>/dev/null) || return 0
    hash=$(cd "$root" && { echo "$version" $qemu_configure $model_flags; qemu_inputs | xargs sha256sum; } | sha256sum)
    echo "$cache/qemu-${hash:0:16}"
}

# Fetches Debian's source package with apt's own checks, but without a change to apt's files.
download_source() {
    local work version codename
    codename=$(. /etc/os-release && echo "$VERSION_CODENAME")
    work=$(mktemp -d "$cache/download.XXXXXX")
    mkdir -p "$work"/{sources,lists/partial,archives/partial,files}
    python3 "$root/tools/lib/deb_src.py" /etc/apt "$codename" >"$work/sources/source.sources" ||
        die "no 'deb' source of Debian $codename in /etc/apt, so QEMU's source package cannot be found"
    printf '%s\n' 'Dir::Etc::sourcelist "/dev/null";' "Dir::Etc::sourceparts \"$work/sources\";" \
        "Dir::State::lists \"$work/lists\";" "Dir::Cache \"$work\";" 'Acquire::Retries "2";' \
        'Acquire::http::Timeout "30";' "APT::Sandbox::User \"$(id -un)\";" >"$work/apt.conf"
    say "downloading the source of Debian's QEMU (25 MB)"
    fetch() {
        cd "$work/files" && export APT_CONFIG="$work/apt.conf" && apt-get -q update &&
            apt-get -q source --download-only qemu
    }
    mkdir -p "$cache/log"
    if ! (fetch) >"$cache/log/download" 2>&1; then
        tail -n 5 "$cache/log/download" >&2
        rm -rf "$work"
        die "could not download QEMU's source package, is the network there? (log: $cache/log/download)"
    fi
    version=$(sed -n 's/^Version: *//p' "$work"/files/*.dsc | head -n 1)
    case $version in
    1:7.2+*) ;;
    *) die "the patches are for QEMU 7.2, this Debian has $version" ;;
    esac
    version=${version#*:}
    mkdir -p "$cache/source"
    rm -rf "${cache:?}/source/$version"
    mv "$work/files" "$cache/source/$version"
    rm -rf "$work"
    echo "$version" >"$cache/source/version.new"
    mv "$cache/source/version.new" "$cache/source/version"
}

unpack_source() {
    local version=$1 tree=$cache/tree/$1
    [ -e "$tree/unpacked" ] && return
    say "unpacking QEMU $version"
    rm -rf "$tree"
    mkdir -p "$tree/pristine"
    run_logged unpack dpkg-source -x "$cache/source/$version"/*.dsc "$tree/qemu"
    touch "$tree/unpacked"
}

# Brings the tree to: pristine files + patches + devices. Touches only files that change, so that
# the build that follows is incremental.
patch_source() {
    local tree=$1 stage file patch
    stage=$(mktemp -d "$tree/stage.XXXXXX")
    touch "$tree/patched"
    sed -n 's,^+++ b/\([^[:space:]]*\).*,\1,p' "$root"/tools/qemu/patches/*.patch | sort -u >"$tree/patched.new"
    sort -u "$tree/patched" "$tree/patched.new" | while read -r file; do
        if [ ! -e "$tree/pristine/$file" ]; then
            mkdir -p "$tree/pristine/$(dirname "$file")"
            cp -p "$tree/qemu/$file" "$tree/pristine/$file"
        fi
        mkdir -p "$stage/$(dirname "$file")"
        cp "$tree/pristine/$file" "$stage/$file"
    done
    for patch in "$root"/tools/qemu/patches/*.patch; do
        run_logged patch patch -d "$stage" -p1 --no-backup-if-mismatch -i "$patch"
    done
    mkdir -p "$stage/hw/intc" "$stage/include/hw/intc"
    cp "$root"/tools/qemu/devices/*.c "$stage/hw/intc/"
    cp "$root"/tools/qemu/devices/*.h "$root/taic/model/taic_model.h" \
        "$root/uintr/model/uintc_model.h" "$stage/include/hw/intc/"
    (cd "$stage" && find . -type f) | while read -r file; do
        cmp -s "$stage/$file" "$tree/qemu/$file" || cp "$stage/$file" "$tree/qemu/$file"
    done
    mv "$tree/patched.new" "$tree/patched"
    rm -rf "$stage"
}

# The models are freestanding: archives that QEMU's C link takes without a C++ library.
build_models() {
    local tree=$1 folder name source objects library
    mkdir -p "$tree/qemu/taic-model"
    for name in taic/taic uintr/uintc; do
        folder=${name%/*}
        objects=()
        for source in "$root/$folder"/model/*.cpp; do
            objects+=("$tree/qemu/taic-model/$folder-$(basename "$source" .cpp).o")
            run_logged model g++ $model_flags -I "$root" -I "$root/$folder" -c "$source" -o "${objects[-1]}"
        done
        library=$tree/qemu/taic-model/lib${name#*/}_model.a
        rm -f "$library.new"
        ar rcsD "$library.new" "${objects[@]}"
        mv "$library.new" "$library"
    done
    # ninja does not know the archives: let it link again
    rm -f "$tree/qemu/build/qemu-system-riscv64"
}

compile_qemu() {
    local tree=$1 build=$1/qemu/build
    if [ "$(cat "$build/tail4-configured" 2>/dev/null)" != "$qemu_configure" ]; then
        say "configuring QEMU"
        rm -rf "$build"
        mkdir -p "$build"
        (cd "$build" && run_logged configure ../configure $qemu_configure)
        echo "$qemu_configure" >"$build/tail4-configured"
    fi
    say "compiling QEMU (the first time takes minutes)"
    if ! NINJA_STATUS='%f of %t ' ninja -C "$build" -j "${TAIL4_JOBS:-$(nproc)}" qemu-system-riscv64 2>&1 |
        tee "$cache/log/ninja" | awk '/^[0-9]+ of [0-9]+ / && $1 % 100 == 0 && $1 != last {
            last = $1; print "setup: " $1 " of " $3 " files"; fflush() }' >&2; then
        grep -v '^[0-9]* of' "$cache/log/ninja" | tail -n 25 >&2
        die "QEMU does not compile; the whole log is $cache/log/ninja"
    fi
}

install_qemu() {
    local build=$1 folder=$2 new
    new=$(mktemp -d "$cache/new.XXXXXX")
    chmod 755 "$new"
    mkdir -p "$new/bin" "$new/share/qemu"
    strip --strip-debug -o "$new/bin/qemu-system-riscv64" "$build/qemu-system-riscv64"
    chmod 755 "$new/bin/qemu-system-riscv64"
    # what QEMU looks for when no -bios is given
    ln -s "$firmware" "$new/share/qemu/opensbi-riscv64-generic-fw_dynamic.bin"
    "$new/bin/qemu-system-riscv64" -M virt,help | grep -c '^  taic=\|^  uintc=\|^  plic-level=' | grep -qx 3 ||
        die "the built QEMU lacks TAIC, UINTC or the level-sensitive PLIC"
    rm -rf "$folder"
    mv "$new" "$folder"
    # older results: keep a few, other checkouts may use them
    ls -dt "$cache"/qemu-* | tail -n +9 | xargs -r rm -rf
}

build_qemu() {
    local version tree folder
    mkdir -p "$cache/log"
    exec 9>"$cache/lock"
    flock -n 9 || { say "waiting for another setup to end"; flock 9; }
    [ -s "$cache/source/version" ] || download_source
    version=$(cat "$cache/source/version")
    folder=$(qemu_folder)
    [ -x "$folder/bin/qemu-system-riscv64" ] && return
    tree=$cache/tree/$version
    [ -e "$cache/source/$version" ] || [ -e "$tree/unpacked" ] || download_source
    unpack_source "$version"
    patch_source "$tree"
    mkdir -p "$cache/log"
    build_models "$tree"
    compile_qemu "$tree"
    [ "$folder" = "$(qemu_folder)" ] || die "the sources of QEMU's devices changed meanwhile; run again"
    install_qemu "$tree/qemu/build" "$folder"
    say "QEMU is ready"
}
