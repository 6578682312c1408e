/**
 * The scripts that complete `sitebus` in a shell, made of the same table as the parser and the help.
 * @module
 */
import { COMMANDS, type Shell, SHELLS } from "./arguments.ts";
import { flagOf, isSwitch, OPTIONS, type ServeOption } from "./options.ts";

const WHAT: Readonly<Record<typeof COMMANDS[number], string>> = {
  serve: "serve an application over HTTP",
  completions: "print a script that completes in your shell",
};

/** Makes the script for a shell. */
export function completions(shell: Shell): string {
  return { bash, zsh, fish }[shell]();
}

const offersFiles = ({ kind }: ServeOption) => kind.offers === "files";
const wordsOf = ({ kind }: ServeOption) => typeof kind.offers === "object" ? kind.offers : [];

/** For every bash from 3.2 on, without the package bash-completion. */
function bash(): string {
  // One that may be left out is as good as a flag: what follows it may be the module.
  const needing = OPTIONS.filter((option) => !isSwitch(option));
  const pattern = (options: readonly ServeOption[]) => options.map(({ key }) => flagOf(key)).join("|");
  const files = needing.filter(offersFiles);
  const listed = needing.filter((option) => wordsOf(option).length > 0);
  const rest = needing.filter((option) => !files.includes(option) && !listed.includes(option));
  const flags = [...OPTIONS.map(({ key }) => flagOf(key)), "--help"];
  const lists = listed.map((option) =>
    `        ${flagOf(option.key)}) __sitebus_offer -W "${wordsOf(option).join(" ")}" -- "$cur"; return ;;\n`
  ).join("");
  return `# Completes sitebus in bash: eval "$(sitebus completions bash)"
__sitebus_offer() {
  local line
  COMPREPLY=()
  while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen "$@")
}
__sitebus() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]}
  COMPREPLY=()
  # bash takes the "=" of --port=80 for a word of its own.
  if [[ $cur == = ]]; then cur=; elif [[ $prev == = ]]; then prev=\${COMP_WORDS[COMP_CWORD-2]}; fi
  if ((COMP_CWORD == 1)); then
    __sitebus_offer -W "${COMMANDS.join(" ")} --help --version" -- "$cur"
    return
  fi
  case \${COMP_WORDS[1]} in
    completions) ((COMP_CWORD > 2)) || __sitebus_offer -W "${SHELLS.join(" ")} --help" -- "$cur" ;;
    serve)
      case $prev in
        ${pattern(files)}) __sitebus_offer -f -- "$cur"; return ;;
${lists}        ${pattern(rest)}) return ;;
      esac
      case $cur in
        -*) __sitebus_offer -W "${flags.join(" ")}" -- "$cur" ;;
        *) __sitebus_offer -f -- "$cur" ;;
      esac ;;
  esac
}
complete -o filenames -F __sitebus sitebus
`;
}

function zsh(): string {
  const options = OPTIONS.map((option) => {
    const { key, value } = option;
    const colon = isSwitch(option) ? "::" : ":";
    const action = offersFiles(option)
      ? "_files"
      : wordsOf(option).length > 0
      ? `(${wordsOf(option).join(" ")})`
      : " ";
    const argument = value === undefined ? "" : `${colon}${value.replace(/[[\]<>]/g, "")}:${action}`;
    return `'${flagOf(key)}${value === undefined ? "" : "="}[${option.what}]${argument}'`;
  });
  return `#compdef sitebus
# Completes sitebus in zsh: eval "$(sitebus completions zsh)" after compinit
_sitebus() {
  local state
  _arguments -C '(- *)'{-h,--help}'[how to use it]' '(- *)'{-v,--version}'[the version]' \\
    '1:command:((${COMMANDS.map((name) => `${name}\\:"${WHAT[name]}"`).join(" ")}))' '*::argument:->argument'
  [[ $state == argument ]] || return
  case $words[1] in
    completions) _arguments '(- *)'{-h,--help}'[how to use it]' '1:shell:(${SHELLS.join(" ")})' ;;
    serve)
      _arguments '(- *)'{-h,--help}'[how to use it]' \\
        ${options.join(" \\\n        ")} \\
        '1:module:_files' ;;
  esac
}
if [[ $funcstack[1] == _sitebus ]]; then _sitebus "$@"; else compdef _sitebus sitebus; fi
`;
}

function fish(): string {
  const first = "complete -c sitebus -n __fish_use_subcommand";
  const inServe = "complete -c sitebus -n '__fish_seen_subcommand_from serve'";
  const lines = [
    ...COMMANDS.map((name) => `${first} -f -a ${name} -d '${WHAT[name]}'`),
    `${first} -s v -l version -d 'the version'`,
    "complete -c sitebus -s h -l help -d 'how to use it'",
    `complete -c sitebus -n '__fish_seen_subcommand_from completions' -f -a '${SHELLS.join(" ")}'`,
    ...OPTIONS.map((option) => {
      const offered = wordsOf(option).length > 0 ? ` -a '${wordsOf(option).join(" ")}'` : "";
      const argument = isSwitch(option) ? "" : offersFiles(option) ? " -r -F" : ` -x${offered}`;
      return `${inServe} -l ${flagOf(option.key).slice(2)}${argument} -d '${option.what}'`;
    }),
  ];
  return `# Completes sitebus in fish: sitebus completions fish | source\n${lines.join("\n")}\n`;
}
