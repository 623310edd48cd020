package io.github.multiprom.statsd;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * A mapping that follows its file. One thread at a time.
 *
 * <p>The file is read whole each time: it is short, and its content tells for sure whether it has
 * changed.
 */
final class MappingFile {
  private final Path path;
  // Null before the first time.
  private byte[] content;
  // Why it could not be read the last time; null if it could.
  private String failure;

  MappingFile(Path path) {
    this.path = path;
  }

  /**
   * The mapping of the file if it is another one than the last time; else null.
   *
   * @throws IOException if it cannot be read or is wrong, with a message of one line; once for one
   *     content, and once for a file that stays unreadable
   */
  Mapping readIfChanged() throws IOException {
    byte[] now;
    try {
      now = read();
      failure = null;
    } catch (IOException e) {
      if (e.toString().equals(failure)) {
        return null;
      }
      failure = e.toString();
      throw e;
    }
    if (Arrays.equals(now, content)) {
      return null;
    }
    content = now;
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(now)).toString();
      return MappingParser.parse(text, path.toString());
    } catch (CharacterCodingException e) {
      throw new IOException(path + " is not UTF-8", e);
    }
  }

  private byte[] read() throws IOException {
    try {
      return Files.readAllBytes(path);
    } catch (NoSuchFileException e) {
      throw new IOException(path + ": no such file", e);
    } catch (AccessDeniedException e) {
      throw new IOException(path + ": access denied", e);
    }
  }
}
