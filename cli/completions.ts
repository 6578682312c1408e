/**
 * The scripts that complete `sitebus` in a shell, made of the same tables as the parser and the help.
 *
 * They are whole: pressing Tab starts no program. (`@bomb.sh/tab` starts the command at each Tab, which takes 0.1 to 0.5 s;
 * its script for bash needs the package bash-completion, passes the typed line to `eval`, and completes no files.)
 * @module
 */
import { COMMAND_FLAGS, type FlaggedCommand } from "./command_flags.ts";
import { type CommandName, COMMANDS, type Shell, SHELLS } from "./command_list.ts";
import { VERB_NAMES, VERBS } from "./control/verbs.ts";
import { isSwitch, OPTIONS, type ServeOption, typedFlag } from "./options.ts";
import type { Flags } from "./words.ts";

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

const flagsOfCommand = (name: FlaggedCommand): Flags => COMMAND_FLAGS[name];
const namesOf = (flags: Flags) => [...Object.keys(flags), "--help"];

/** The flags whose values are files, or words of a list. */
const filesIn = (flags: Flags) => Object.keys(flags).filter((name) => flags[name]?.offers === "files");
const listsIn = (flags: Flags) =>
  Object.entries(flags).flatMap(([name, { offers }]) =>
    typeof offers === "object" ? [{ name, words: offers }] : []
  );

/** The other flags that have a value. */
const valuesIn = (flags: Flags) =>
  Object.keys(flags).filter((name) => flags[name]?.value !== undefined && flags[name]?.offers === undefined);

/** The folders of the control sockets, as a POSIX shell writes them: those of `components/control/socket_place.ts`. */
const SOCKET_FOLDERS =
  '"$RUNTIME_DIRECTORY" "$XDG_RUNTIME_DIR/sitebus" "/run/user/$UID/sitebus" "/tmp/sitebus-$UID"';

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
  const others = (["ps", "ctl", "analyze", "supervise"] as const).map((name) => {
    const own = flagsOfCommand(name);
    const cases = [
      ...filesIn(own).map((flag) => `        ${flag}) __sitebus_offer -f -- "$cur"; return ;;\n`),
      ...listsIn(own).map(({ name, words }) =>
        `        ${name}) __sitebus_offer -W "${words.join(" ")}" -- "$cur"; return ;;\n`
      ),
      ...valuesIn(own).map((flag) => `        ${flag}) return ;;\n`),
    ].join("");
    const words = {
      ps: "",
      analyze: '        *) __sitebus_offer -f -- "$cur" ;;\n',
      supervise: '        *) __sitebus_offer -c -f -- "$cur" ;;\n',
      ctl: `        *)
          if ((COMP_CWORD == 2)); then __sitebus_offer -W "$(__sitebus_running)" -- "$cur"
          elif ((COMP_CWORD == 3)); then __sitebus_offer -W "${VERB_NAMES.join(" ")}" -- "$cur"; fi ;;\n`,
    }[name];
    return `    ${name})
      case $prev in
${cases}        *) ;;
      esac
      case $cur in
        -*) __sitebus_offer -W "${namesOf(own).join(" ")}" -- "$cur" ;;
${words}      esac ;;
`;
  }).join("");
  const doctor = flagsOfCommand("doctor");
  return `# Completes sitebus in bash: eval "$(sitebus completions bash)"
__sitebus_running() {
  local folder file
  for folder in ${SOCKET_FOLDERS}; do
    for file in "$folder"/*-[0-9]*.sock; do
      file=\${file##*/}
      file=\${file%-*}
      # compgen would run what stands in such a word.
      [[ $file =~ ^[A-Za-z0-9_.-]+$ ]] && printf '%s\\n' "$file"
    done
  done
}
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
${others}    serve | doctor)
      case $prev in
        ${valuesIn(doctor).join(" | ")}) return ;;
        ${pattern(files)}) __sitebus_offer -f -- "$cur"; return ;;
${lists}        ${pattern(rest)}) return ;;
      esac
      case $cur in
        -*)
          local own=
          [[ \${COMP_WORDS[1]} == doctor ]] && own="${Object.keys(doctor).join(" ")}"
          __sitebus_offer -W "${flags.join(" ")} $own" -- "$cur" ;;
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
  const more = (name: FlaggedCommand) =>
    Object.entries(flagsOfCommand(name)).map(([flag, { value, what, offers }]) => {
      const action = offers === "files" ? "_files" : offers === undefined ? " " : `(${offers.join(" ")})`;
      const argument = value === undefined ? "" : `:${value.replace(/[[\]<>]/g, "")}:${action}`;
      // A colon would end the description.
      return `'${flag}${value === undefined ? "" : "="}[${what.replaceAll(":", "")}]${argument}'`;
    }).join(" \\\n        ");
  const verbs = VERB_NAMES.map((name) => `${name}\\:"${VERBS[name].what}"`).join(" ");
  const help = "'(- *)'{-h,--help}'[how to use it]'";
  return `#compdef sitebus
# Completes sitebus in zsh: eval "$(sitebus completions zsh)" after compinit
_sitebus_running() {
  local folder
  local -a found
  for folder in ${SOCKET_FOLDERS}; do found+=($folder/*-<->.sock(N:t)); done
  found=(\${found%-*})
  compadd -a found
}
_sitebus() {
  local state
  _arguments -C '(- *)'{-h,--help}'[how to use it]' '(- *)'{-v,--version}'[the version]' \\
    '1:command:((${NAMES.map((name) => `${name}\\:"${WHAT[name]}"`).join(" ")}))' '*::argument:->argument'
  [[ $state == argument ]] || return
  case $words[1] in
    help) _arguments '1:command:(${Object.keys(COMMANDS).join(" ")})' ;;
    completions) _arguments '(- *)'{-h,--help}'[how to use it]' '1:shell:(${SHELLS.join(" ")})' ;;
    ps) _arguments ${help} ${more("ps")} ;;
    ctl)
      _arguments ${help} \\
        ${more("ctl")} \\
        '1:process:_sitebus_running' '2:verb:((${verbs}))' ;;
    analyze)
      _arguments ${help} \\
        ${more("analyze")} \\
        '1:module:_files' ;;
    doctor)
      _arguments ${help} \\
        ${more("doctor")} \\
        ${options.join(" \\\n        ")} \\
        '1:module:_files' ;;
    supervise)
      _arguments ${help} \\
        ${more("supervise")} \\
        '*:::command:_normal' ;;
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
  const inServe = "complete -c sitebus -n '__fish_seen_subcommand_from serve doctor'";
  const at = (words: number) =>
    `complete -c sitebus -n '__fish_seen_subcommand_from ctl; and test (count (commandline -opc)) -eq ${words}' -f -a`;
  const lines = [
    ...NAMES.map((name) => `${first} -f -a ${name} -d '${WHAT[name]}'`),
    `${first} -s v -l version -d 'the version'`,
    "complete -c sitebus -s h -l help -d 'how to use it'",
    `complete -c sitebus -n '__fish_seen_subcommand_from help' -f -a '${Object.keys(COMMANDS).join(" ")}'`,
    `complete -c sitebus -n '__fish_seen_subcommand_from completions' -f -a '${SHELLS.join(" ")}'`,
    `${at(2)} '(__sitebus_running)'`,
    ...VERB_NAMES.map((name) => `${at(3)} ${name} -d '${VERBS[name].what}'`),
    ...(Object.keys(COMMAND_FLAGS) as FlaggedCommand[]).flatMap((name) =>
      Object.entries(flagsOfCommand(name)).map(([flag, { value, what, offers }]) => {
        const offered = typeof offers === "object" ? ` -a '${offers.join(" ")}'` : "";
        const argument = value === undefined ? "" : offers === "files" ? " -r -F" : ` -x${offered}`;
        const inCommand = `complete -c sitebus -n '__fish_seen_subcommand_from ${name}'`;
        return `${inCommand} -l ${flag.slice(2)}${argument} -d '${what}'`;
      })
    ),
    ...OPTIONS.map((option) => {
      const offered = wordsOf(option).length > 0 ? ` -a '${wordsOf(option).join(" ")}'` : "";
      const argument = isSwitch(option) ? "" : offersFiles(option) ? " -r -F" : ` -x${offered}`;
      const short = option.short === undefined ? "" : ` -s ${option.short.slice(1)}`;
      return `${inServe}${short} -l ${typedFlag(option).slice(2)}${argument} -d '${option.what}'`;
    }),
  ];
  return `# Completes sitebus in fish: sitebus completions fish | source
function __sitebus_running
  set -l user (id -u)
  for file in $RUNTIME_DIRECTORY/*.sock $XDG_RUNTIME_DIR/sitebus/*.sock /run/user/$user/sitebus/*.sock /tmp/sitebus-$user/*.sock
    string replace -rf '^.*/(.+)-\\d+\\.sock$' '$1' -- $file
  end
end
${lines.join("\n")}\n`;
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
  const own = (Object.keys(COMMAND_FLAGS) as FlaggedCommand[]).map((name) => {
    const rows = Object.entries(flagsOfCommand(name)).map(([flag, { what }]) => [flag, what] as const);
    return `    ${quoted(name)} = ${table([...rows, ["--help", "how to use it"]])}\n`;
  }).join("");
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
  $verbs = ${table(VERB_NAMES.map((name) => [name, VERBS[name].what] as const))}
  $own = @{
${own}  }
  $words = @($commandAst.CommandElements | Where-Object { $_.Extent.EndOffset -lt $cursorPosition } | ForEach-Object { "$_" })
  $command = if ($words.Count -gt 1) { $words[1] } else { '' }
  $offers = [ordered]@{}
  if ($command -eq '') { $offers = $commands }
  elseif ($command -eq 'help') { ${list(Object.keys(COMMANDS))} | ForEach-Object { $offers[$_] = $_ } }
  elseif ($command -eq 'completions') { ${list(SHELLS)} | ForEach-Object { $offers[$_] = $_ } }
  elseif ($command -eq 'ctl' -and $words.Count -eq 2 -and -not "$wordToComplete".StartsWith('-')) {
    $folders = @("$env:XDG_RUNTIME_DIR/sitebus", "$env:RUNTIME_DIRECTORY", "/tmp/sitebus-$(if ($IsLinux -or $IsMacOS) { id -u })")
    $found = @(foreach ($folder in $folders) { Get-ChildItem -Path $folder -Filter '*.sock' -Name -ErrorAction SilentlyContinue })
    if (-not ($IsLinux -or $IsMacOS)) { $found = @([System.IO.Directory]::GetFiles('\\.\pipe\') | ForEach-Object { if ($_ -match 'sitebus-(.+)$') { $Matches[1] } }) }
    $found | ForEach-Object { $name = $_ -replace '-\\d+(\\.sock)?$', ''; $offers[$name] = $name }
  }
  elseif ($command -eq 'ctl' -and $words.Count -eq 3 -and -not "$wordToComplete".StartsWith('-')) { $offers = $verbs }
  elseif (@('ps', 'ctl', 'analyze') -contains $command) {
    if ("$wordToComplete".StartsWith('-')) { $offers = $own[$command] }
  }
  elseif ($values.ContainsKey($words[-1])) { $values[$words[-1]] | ForEach-Object { $offers[$_] = $_ } }
  elseif ($needing -notcontains $words[-1] -and "$wordToComplete".StartsWith('-')) { $offers = $options }
  $offers.Keys | Where-Object { $_.StartsWith("$wordToComplete") } | ForEach-Object {
    [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $offers[$_])
  }
}
`;
}
