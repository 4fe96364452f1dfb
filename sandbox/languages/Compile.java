import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import javax.lang.model.element.Modifier;
import javax.lang.model.element.NestingKind;
import javax.tools.FileObject;
import javax.tools.ForwardingJavaFileManager;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileManager;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;

/** Compiles sources, whatever their public classes are called, into a jar that starts the class with the main method. */
public final class Compile {
  private static final class Source extends SimpleJavaFileObject {
    private final Path path;

    Source(Path path) {
      super(path.toUri(), Kind.SOURCE);
      this.path = path;
    }

    @Override
    public CharSequence getCharContent(boolean ignoreEncodingErrors) throws IOException {
      return Files.readString(path);
    }

    @Override
    public boolean isNameCompatible(String simpleName, Kind kind) {
      return true;
    }

    @Override
    public NestingKind getNestingKind() {
      return null;
    }

    @Override
    public Modifier getAccessLevel() {
      return null;
    }
  }

  private static final class Output extends SimpleJavaFileObject {
    final ByteArrayOutputStream content = new ByteArrayOutputStream();

    Output(String name) {
      super(URI.create("memory:///" + name.replace('.', '/') + ".class"), Kind.CLASS);
    }

    @Override
    public OutputStream openOutputStream() {
      return content;
    }
  }

  private static final class Outputs extends ForwardingJavaFileManager<JavaFileManager> {
    final Map<String, Output> classes = new LinkedHashMap<>();

    Outputs(JavaFileManager manager) {
      super(manager);
    }

    @Override
    public JavaFileObject getJavaFileForOutput(
        Location location, String name, JavaFileObject.Kind kind, FileObject sibling) {
      return classes.computeIfAbsent(name, Output::new);
    }
  }

  private static final class Loader extends ClassLoader {
    private final Map<String, Output> classes;

    Loader(Map<String, Output> classes) {
      this.classes = classes;
    }

    @Override
    protected Class<?> findClass(String name) throws ClassNotFoundException {
      Output output = classes.get(name);
      if (output == null) {
        throw new ClassNotFoundException(name);
      }
      byte[] content = output.content.toByteArray();
      return defineClass(name, content, 0, content.length);
    }
  }

  /** Usage: Compile JAR SOURCE... */
  public static void main(String[] arguments) throws Exception {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    Outputs outputs = new Outputs(compiler.getStandardFileManager(null, null, null));
    List<JavaFileObject> sources = new ArrayList<>();
    for (int i = 1; i < arguments.length; i++) {
      sources.add(new Source(Path.of(arguments[i])));
    }
    List<String> options = List.of("-proc:none", "-nowarn");
    if (!compiler.getTask(new PrintWriter(System.err), outputs, null, options, null, sources).call()) {
      System.exit(1);
    }
    String main = mainClass(outputs.classes);
    if (main == null) {
      System.err.println("error: no class has a method 'public static void main(String[])'");
      System.exit(1);
    }
    pack(Path.of(arguments[0]), main, outputs.classes);
  }

  private static String mainClass(Map<String, Output> classes) {
    Loader loader = new Loader(classes);
    String found = null;
    for (String name : classes.keySet()) {
      try {
        Class<?> candidate = Class.forName(name, false, loader);
        int modifiers = candidate.getMethod("main", String[].class).getModifiers();
        if (!java.lang.reflect.Modifier.isStatic(modifiers)) {
          continue;
        }
      } catch (ReflectiveOperationException | LinkageError unsuitable) {
        continue;
      }
      if (found == null || name.equals("Main")) {
        found = name;
      }
    }
    return found;
  }

  private static void pack(Path jar, String main, Map<String, Output> classes) throws IOException {
    Manifest manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    manifest.getMainAttributes().put(Attributes.Name.MAIN_CLASS, main);
    try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar), manifest)) {
      out.setLevel(1);
      for (Map.Entry<String, Output> entry : classes.entrySet()) {
        out.putNextEntry(new JarEntry(entry.getKey().replace('.', '/') + ".class"));
        entry.getValue().content.writeTo(out);
      }
    }
  }
}
