# Completion of exabgp for bash. Every candidate comes from the program itself.
_exabgp() {
    local line=${COMP_LINE:0:COMP_POINT} program=exabgp word cut candidate
    case ${COMP_WORDS[0]##*/} in
        exabgp) program=${COMP_WORDS[0]} ;;
    esac
    # Bash splits words at colons as well; what stands before the last one must not be repeated.
    word=${line##*[[:space:]]}
    cut=${COMP_WORDS[COMP_CWORD]}
    cut=${word%"$cut"}
    COMPREPLY=()
    while IFS=$'\t' read -r candidate _; do
        COMPREPLY+=("${candidate#"$cut"}")
    done < <("$program" shell candidates -- "$line" 2>/dev/null)
}
complete -o default -F _exabgp exabgp exabgpcli exabgp-cli
