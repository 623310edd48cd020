package io.github.multiprom.cli;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** What is wrong with the arguments, and what may be meant. */
final class WrongUsage {
  private WrongUsage() {}

  static String text(ParameterException e) {
    CommandLine command = e.getCommandLine();
    if (e instanceof UnmatchedArgumentException unmatched && !unmatched.getUnmatched().isEmpty()) {
      return unmatched(unmatched, command);
    }
    if (isUnknownCommand(e)) {
      return unmatched(new UnmatchedArgumentException(command, List.of(e.getValue())), command);
    }
    if (e instanceof MissingParameterException missing && !missing.getMissing().isEmpty()) {
      return missing(missing.getMissing().get(0), command);
    }
    return e.getMessage();
  }

  /** Of {@code help WORD}, where picocli says it in a sentence of its own. */
  private static boolean isUnknownCommand(ParameterException e) {
    return e.getValue() != null && e.getArgSpec() == null && e.getCommandLine().getParent() == null;
  }

  private static String unmatched(UnmatchedArgumentException e, CommandLine command) {
    String word = e.getUnmatched().get(0);
    String name = command.getCommandName();
    boolean top = !command.getSubcommands().isEmpty();
    List<String> similar = e.getSuggestions();
    String meant = similar.isEmpty() ? "" : "; did you mean " + similar.get(0) + "?";
    if (word.startsWith("-") && word.length() > 1) {
      return name + " has no option " + word + meant;
    }
    if (top) {
      return "there is no command " + word + (meant.isEmpty() ? "; see multiprom help" : meant);
    }
    boolean takesDirectory = command.getCommandSpec().findOption("--dir") != null;
    return name
        + " takes no "
        + (command.getCommandSpec().positionalParameters().isEmpty()
            ? "argument "
            : "further argument ")
        + word
        + (takesDirectory && isDirectory(word) ? "; did you mean --dir " + word + "?" : "");
  }

  private static boolean isDirectory(String word) {
    try {
      return Files.isDirectory(Path.of(word));
    } catch (InvalidPathException e) {
      return false;
    }
  }

  private static String missing(ArgSpec argument, CommandLine command) {
    String name = command.getCommandName();
    return argument instanceof OptionSpec option
        ? name + ": " + option.longestName() + " needs a value, " + option.paramLabel()
        : name + " needs " + argument.paramLabel();
  }
}
