# The Debian packages TaiL4 is built and tested with. Sourced by tools/setup.
# Only missing packages are installed; nothing is installed twice or upgraded.

packages_build="g++ cmake ninja-build g++-riscv64-linux-gnu binutils-riscv64-linux-gnu opensbi
    device-tree-compiler python3 git"
packages_test="libgtest-dev libgmock-dev clang libclang-rt-14-dev clang-format clang-tidy gdb-multiarch python3-pexpect spin
    qemu-system-misc" # for the rows that run on a QEMU without our devices
packages_qemu="dpkg-dev make patch xz-utils meson pkg-config flex bison ca-certificates
    libglib2.0-dev libpixman-1-dev libfdt-dev libslirp-dev zlib1g-dev"
packages_rtl="verilator make python3-pip" # tools/setup --rtl alone
packages_bench="python3-matplotlib" # --bench and --test
packages_browser="chromium-headless-shell" # --test alone: looks at the report of tools/bench

all_packages() { echo $packages_build $packages_test $packages_qemu; }

# Prints the packages of the list that are not installed.
missing_packages() {
    local installed package
    installed=" $(dpkg-query -W -f '${db:Status-Status}=${binary:Package} ' $(all_packages) 2>/dev/null) "
    for package in $(all_packages); do
        case $installed in
        *" installed=$package "* | *" installed=$package:"*) ;;
        *) echo "$package" ;;
        esac
    done
}

require_debian() {
    local id='' version=''
    if [ -r /etc/os-release ]; then
        id=$(. /etc/os-release && echo "${ID:-}")
        version=$(. /etc/os-release && echo "${VERSION_ID:-}")
    fi
    [ "$id" = debian ] && [ "$version" = 12 ] && return
    die "this is not Debian 12, so install by hand the equivalents of these Debian 12 packages," \
        "and a QEMU as tools/qemu/README.md describes it (then set QEMU=path): $(all_packages)"
}

install_packages() {
    local missing=$* sudo=
    if [ "$(id -u)" != 0 ]; then
        command -v sudo >/dev/null ||
            die "neither root nor sudo here; have an administrator run: apt-get install $missing"
        sudo=sudo
    fi
    say "installing" $missing
    apt_install() {
        $sudo env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o Acquire::Retries=2 \
            -o Acquire::http::Timeout=30 install --no-install-recommends $missing
    }
    mkdir -p "$cache/log"
    if ! apt_install >"$cache/log/apt" 2>&1; then
        $sudo apt-get -q -o Acquire::http::Timeout=30 update >"$cache/log/apt" 2>&1 || true
        apt_install >>"$cache/log/apt" 2>&1 || true
    fi
    missing=$(missing_packages)
    [ -z "$missing" ] || die "could not install these packages, is the network there?" \
        "Install them by hand:" $missing "(log: $cache/log/apt)"
}
