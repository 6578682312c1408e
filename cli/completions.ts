/**
 * The scripts that complete `sitebus` in a shell, made of the same tables as the parser and the help.
 *
 * They are whole: pressing Tab starts no program. (`@bomb.sh/tab` starts the command at each Tab, which takes 0.1 to 0.5 s;
 * its script for bash needs the package bash-completion, passes the typed line to `eval`, and completes no files.)
 * @module
 */
import { type CommandName, COMMANDS, type Shell, SHELLS } from "./command_list.ts";
import { isSwitch, OPTIONS, type ServeOption, typedFlag } from "./options.ts";

/** `help` is a command that the parser has of its own. */
const WHAT: Readonly<Record<CommandName | "help", string>> = { ...COMMANDS, help: "the page of a command" };
const NAMES = Object.keys(WHAT) as (CommandName | "help")[];

/** Makes the script for a shell. */
export function completions(shell: Shell): string {
  return { bash, zsh, fish, powershell }[shell]();
}

/** "-p" and "--port". */
const flagsOf = (option: ServeOption) => [
  ...option.short === undefined ? [] : [option.short],
  typedFlag(option),
];
const offersFiles = ({ kind }: ServeOption) => kind.offers === "files";
const wordsOf = ({ kind }: ServeOption) => typeof kind.offers === "object" ? kind.offers : [];

/** For every bash from 3.2 on, without the package bash-completion. */
function bash(): string {
  // A value that may be left out is not completed: the next word may be the module.
  const needing = OPTIONS.filter((option) => !isSwitch(option));
  const pattern = (options: readonly ServeOption[]) => options.flatMap(flagsOf).join("|");
  const files = needing.filter(offersFiles);
  const listed = needing.filter((option) => wordsOf(option).length > 0);
  const rest = needing.filter((option) => !files.includes(option) && !listed.includes(option));
  const flags = [...OPTIONS.map(typedFlag), "--help"];
  const lists = listed.map((option) =>
    `        ${typedFlag(option)}) __sitebus_offer -W "${wordsOf(option).join(" ")}" -- "$cur"; return ;;\n`
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
    __sitebus_offer -W "${NAMES.join(" ")} --help --version" -- "$cur"
    return
  fi
  case \${COMP_WORDS[1]} in
    help) ((COMP_CWORD > 2)) || __sitebus_offer -W "${Object.keys(COMMANDS).join(" ")}" -- "$cur" ;;
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
    const { value } = option;
    const colon = isSwitch(option) ? "::" : ":";
    const action = offersFiles(option)
      ? "_files"
      : wordsOf(option).length > 0
      ? `(${wordsOf(option).join(" ")})`
      : " ";
    const argument = value === undefined ? "" : `${colon}${value.replace(/[[\]<>]/g, "")}:${action}`;
    const flag = `${typedFlag(option)}${value === undefined ? "" : "="}`;
    const { short } = option;
    // Two flags of one option exclude each other.
    const names = short === undefined ? `'${flag}` : `'(${short} ${typedFlag(option)})'{${short}+,${flag}}'`;
    return `${names}[${option.what}]${argument}'`;
  });
  return `#compdef sitebus
# Completes sitebus in zsh: eval "$(sitebus completions zsh)" after compinit
_sitebus() {
  local state
  _arguments -C '(- *)'{-h,--help}'[how to use it]' '(- *)'{-v,--version}'[the version]' \\
    '1:command:((${NAMES.map((name) => `${name}\\:"${WHAT[name]}"`).join(" ")}))' '*::argument:->argument'
  [[ $state == argument ]] || return
  case $words[1] in
    help) _arguments '1:command:(${Object.keys(COMMANDS).join(" ")})' ;;
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
    ...NAMES.map((name) => `${first} -f -a ${name} -d '${WHAT[name]}'`),
    `${first} -s v -l version -d 'the version'`,
    "complete -c sitebus -s h -l help -d 'how to use it'",
    `complete -c sitebus -n '__fish_seen_subcommand_from help' -f -a '${Object.keys(COMMANDS).join(" ")}'`,
    `complete -c sitebus -n '__fish_seen_subcommand_from completions' -f -a '${SHELLS.join(" ")}'`,
    ...OPTIONS.map((option) => {
      const offered = wordsOf(option).length > 0 ? ` -a '${wordsOf(option).join(" ")}'` : "";
      const argument = isSwitch(option) ? "" : offersFiles(option) ? " -r -F" : ` -x${offered}`;
      const short = option.short === undefined ? "" : ` -s ${option.short.slice(1)}`;
      return `${inServe}${short} -l ${typedFlag(option).slice(2)}${argument} -d '${option.what}'`;
    }),
  ];
  return `# Completes sitebus in fish: sitebus completions fish | source\n${lines.join("\n")}\n`;
}

/** For PowerShell 5.1 and 7, which completes files by itself where a script offers nothing. */
function powershell(): string {
  const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`;
  const list = (words: readonly string[]) => `@(${words.map(quoted).join(", ")})`;
  const table = (rows: readonly (readonly [string, string])[]) =>
    `[ordered]@{\n${rows.map(([word, what]) => `    ${quoted(word)} = ${quoted(what)}\n`).join("")}  }`;
  const values = OPTIONS.filter((option) => wordsOf(option).length > 0).flatMap((option) =>
    flagsOf(option).map((flag) => `    ${quoted(flag)} = ${list(wordsOf(option))}\n`)
  );
  const needing = OPTIONS.filter((option) => !isSwitch(option)).flatMap(flagsOf);
  return `# Completes sitebus in PowerShell: sitebus completions powershell | Out-String | Invoke-Expression
Register-ArgumentCompleter -Native -CommandName sitebus -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)
  $commands = ${table(NAMES.map((name) => [name, WHAT[name]] as const))}
  $options = ${
    table([...OPTIONS.map((option) => [typedFlag(option), option.what] as const), [
      "--help",
      "how to use it",
    ]])
  }
  $values = @{
${values.join("")}  }
  $needing = ${list(needing)}
  $words = @($commandAst.CommandElements | Where-Object { $_.Extent.EndOffset -lt $cursorPosition } | ForEach-Object { "$_" })
  $command = if ($words.Count -gt 1) { $words[1] } else { '' }
  $offers = [ordered]@{}
  if ($command -eq '') { $offers = $commands }
  elseif ($command -eq 'help') { ${list(Object.keys(COMMANDS))} | ForEach-Object { $offers[$_] = $_ } }
  elseif ($command -eq 'completions') { ${list(SHELLS)} | ForEach-Object { $offers[$_] = $_ } }
  elseif ($values.ContainsKey($words[-1])) { $values[$words[-1]] | ForEach-Object { $offers[$_] = $_ } }
  elseif ($needing -notcontains $words[-1] -and "$wordToComplete".StartsWith('-')) { $offers = $options }
  $offers.Keys | Where-Object { $_.StartsWith("$wordToComplete") } | ForEach-Object {
    [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $offers[$_])
  }
}
`;
}
