# Completion of exabgp for fish. Every candidate comes from the program itself.
function __exabgp_candidates
    exabgp shell candidates -- (commandline -cp | string collect) 2>/dev/null
end
for name in exabgp exabgpcli exabgp-cli
    complete -c $name -a '(__exabgp_candidates)'
end
