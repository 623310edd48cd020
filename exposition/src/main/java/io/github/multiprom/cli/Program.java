package io.github.multiprom.cli;

import picocli.CommandLine;

/** Runs commands, those of other modules too, with one way to say what is wrong. One thread. */
public final class Program {
  private Program() {}

  /**
   * Runs a command and returns its exit code: 0 if it did what it says, 1 if it could not or found
   * damage, 2 if the arguments are wrong.
   *
   * @param args the words after the program's name
   */
  public static int run(CommandLine command, String... args) {
    LogLines.install();
    int exitCode = withHandlers(command).execute(args);
    // A full disk or a closed pipe: neither the commands nor picocli hear of it.
    if (System.out.checkError()) {
      exitCode = fail(command, 1, "the output could not be written");
    }
    return exitCode;
  }

  /** A command that says in one line what is wrong. */
  static CommandLine withHandlers(CommandLine command) {
    return command
        .setParameterExceptionHandler((e, args) -> fail(e.getCommandLine(), 2, WrongUsage.text(e)))
        .setExecutionExceptionHandler((e, failed, result) -> fail(failed, 1, Failures.reason(e)));
  }

  private static int fail(CommandLine command, int exitCode, String reason) {
    command.getErr().println("multiprom: " + Failures.line(reason));
    command.getErr().flush();
    return exitCode;
  }
}
