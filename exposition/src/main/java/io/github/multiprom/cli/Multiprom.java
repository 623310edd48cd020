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
    System.exit(Program.run(commandLine(), args));
  }

  static CommandLine commandLine() {
    return Program.withHandlers(new CommandLine(new Multiprom()));
  }

  @Override
  public Integer call() {
    throw new ParameterException(spec.commandLine(), "a command is missing; see multiprom help");
  }
}
