package io.github.multiprom.cli;

import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command {@code multiprom}. One thread. */
@Command(
    name = "multiprom",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    description = "Serves and inspects the metrics of many JVMs.",
    exitCodeListHeading = "Exit codes:%n",
    exitCodeList = {"0:done", "1:not done, or something is damaged", "2:wrong usage"},
    subcommands = {
      ServeCommand.class,
      CatCommand.class,
      ListCommand.class,
      TargetsCommand.class,
      CompactCommand.class,
      VerifyCommand.class,
      RulesCommand.class,
      DropCommand.class,
      RepairCommand.class,
      CleanCommand.class,
      HelpCommand.class,
      VersionCommand.class,
      AutoComplete.GenerateCompletion.class
    })
public final class Multiprom implements Callable<Integer> {
  @Spec private CommandSpec spec;

  private Multiprom() {}

  /**
   * Runs one command and ends the JVM with its exit code: 0 if it did what it says, 1 if it could
   * not or found damage, 2 if the arguments are wrong.
   *
   * @param args the words after the program's name
   */
  public static void main(String[] args) {
    LogLines.install();
    CommandLine command = commandLine();
    int exitCode = command.execute(args);
    // A full disk or a closed pipe: neither the commands nor picocli hear of it.
    if (System.out.checkError()) {
      exitCode = fail(command, 1, "the output could not be written");
    }
    System.exit(exitCode);
  }

  static CommandLine commandLine() {
    return new CommandLine(new Multiprom())
        .setParameterExceptionHandler((e, args) -> fail(e.getCommandLine(), 2, WrongUsage.text(e)))
        .setExecutionExceptionHandler((e, command, result) -> fail(command, 1, Failures.reason(e)));
  }

  private static int fail(CommandLine command, int exitCode, String reason) {
    command.getErr().println("multiprom: " + Failures.line(reason));
    command.getErr().flush();
    return exitCode;
  }

  @Override
  public Integer call() {
    throw new ParameterException(spec.commandLine(), "a command is missing; see multiprom help");
  }
}
