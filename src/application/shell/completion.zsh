#compdef exabgp exabgpcli exabgp-cli
# Completion of exabgp for zsh. Every candidate comes from the program itself.
_exabgp() {
    local program=exabgp word help
    local -a candidates
    if [[ ${words[1]:t} == exabgp ]]; then
        program=${words[1]}
    fi
    while IFS=$'\t' read -r word help; do
        candidates+=("${word//:/\\:}:$help")
    done < <("$program" shell candidates -- "${(j: :)words[1,CURRENT]}" 2>/dev/null)
    if (( ${#candidates} )); then
        _describe exabgp candidates
    else
        _files
    fi
}
if [[ $funcstack[1] == _exabgp ]]; then
    _exabgp "$@"
else
    compdef _exabgp exabgp exabgpcli exabgp-cli
fi
