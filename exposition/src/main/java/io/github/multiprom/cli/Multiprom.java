package io.github.multiprom.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command {@code multiprom}. One thread. */
@Command(
    name = "multiprom",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    description = "Serves and inspects the metrics of many JVMs.",
    subcommands = {
      ServeCommand.class,
      CatCommand.class,
      ListCommand.class,
      CompactCommand.class,
      VerifyCommand.class,
      CleanCommand.class
    })
public final class Multiprom implements Callable<Integer> {
  @Spec private CommandSpec spec;

  private Multiprom() {}

  /**
   * Runs one command and ends the JVM with its exit code: 0, 1 if it failed, 2 if the arguments are
   * wrong.
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
        .setParameterExceptionHandler((e, args) -> fail(e.getCommandLine(), 2, e.getMessage()))
        .setExecutionExceptionHandler((e, command, result) -> fail(command, 1, reason(e)));
  }

  private static int fail(CommandLine command, int exitCode, String reason) {
    String line = reason.replaceAll("\\s*\\R\\s*", " ");
    command.getErr().println("multiprom: " + line);
    return exitCode;
  }

  private static String reason(Exception e) {
    return e instanceof CommandFailure || e.getMessage() == null
        ? String.valueOf(e.getMessage())
        : e.getClass().getSimpleName() + ": " + e.getMessage();
  }

  @Override
  public Integer call() {
    throw new ParameterException(spec.commandLine(), "a command is missing; see --help");
  }
}
