import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.context.support.DefaultProfileValidationSupport;
import ca.uhn.fhir.context.support.IValidationSupport;
import ca.uhn.fhir.validation.FhirValidator;
import ca.uhn.fhir.validation.SingleValidationMessage;
import ca.uhn.fhir.validation.ValidationOptions;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.hl7.fhir.common.hapi.validation.support.CommonCodeSystemsTerminologyService;
import org.hl7.fhir.common.hapi.validation.support.InMemoryTerminologyServerValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.PrePopulatedValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.SnapshotGeneratingValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.UnknownCodeSystemWarningValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.ValidationSupportChain;
import org.hl7.fhir.common.hapi.validation.validator.FhirInstanceValidator;
import org.hl7.fhir.r4.model.Resource;
import org.hl7.fhir.r4.model.StructureDefinition;
import org.hl7.fhir.r5.utils.validation.constants.BestPracticeWarningLevel;

/**
 * The HL7 validator over a list of files.
 *
 * <p>Arguments: the folder of the definitions, and a manifest with one line a file: its path, a
 * tab, and the canonical URLs of the profiles it must conform to besides FHIR R4, comma-separated.
 * Prints one line a finding: path, severity, message id, place, message, tab-separated; then, last,
 * "checked" and the number of files.
 */
public class Validator {
  public static void main(String[] args) throws IOException {
    FhirContext fhir = FhirContext.forR4();
    FhirValidator validator = fhir.newValidator();
    FhirInstanceValidator rules = new FhirInstanceValidator(chain(fhir, Path.of(args[0])));
    rules.setAnyExtensionsAllowed(false);
    rules.setErrorForUnknownProfiles(true);
    rules.setBestPracticeWarningLevel(BestPracticeWarningLevel.Ignore);
    validator.registerValidatorModule(rules);
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    List<String> lines = Files.readAllLines(Path.of(args[1]));
    for (String line : lines) {
      String[] parts = line.split("\t", -1);
      ValidationOptions options = new ValidationOptions();
      Stream.of(parts[1].split(",")).filter(p -> !p.isEmpty()).forEach(options::addProfile);
      String text = Files.readString(Path.of(parts[0]));
      for (SingleValidationMessage found : validator.validateWithResult(text, options).getMessages()) {
        out.println(String.join("\t", parts[0], String.valueOf(found.getSeverity()),
            flat(found.getMessageId()), flat(found.getLocationString()), flat(found.getMessage())));
      }
    }
    out.println("checked\t" + lines.size());
  }

  private static ValidationSupportChain chain(FhirContext fhir, Path folder) throws IOException {
    PrePopulatedValidationSupport ours = new PrePopulatedValidationSupport(fhir);
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".json")).sorted().toList()) {
        ours.addResource((Resource) fhir.newJsonParser().parseResource(Files.readString(file)));
      }
    }
    UnknownCodeSystemWarningValidationSupport unknown =
        new UnknownCodeSystemWarningValidationSupport(fhir);
    unknown.setNonExistentCodeSystemSeverity(IValidationSupport.IssueSeverity.WARNING);
    return new ValidationSupportChain(
        new DefaultProfileValidationSupport(fhir),
        ours,
        new CommonCodeSystemsTerminologyService(fhir),
        new InMemoryTerminologyServerValidationSupport(fhir),
        unknown,
        new SnapshotGeneratingValidationSupport(fhir));
  }

  private static String flat(String text) {
    return text == null ? "" : text.replaceAll("\\s+", " ");
  }
}
