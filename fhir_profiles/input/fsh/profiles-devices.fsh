Profile: ItbPump
Parent: Device
Id: itb-pump
Title: "Intrathecal baclofen pump"
Description: "The implanted pump as the service reads it best. What is not sent is worked out from further rungs, and the card says so."
* insert Published
* obeys itb-device-1 and itb-pump-1
* udiCarrier 0..1 MS
* udiCarrier.deviceIdentifier 1..1
* udiCarrier.carrierHRF MS
* status 1..1 MS
* distinctIdentifier MS
* manufacturer MS
* manufactureDate MS
* expirationDate MS
* expirationDate ^comment = "Never read as the end of the battery."
* lotNumber MS
* serialNumber MS
* deviceName MS
* modelNumber MS
* type 1..1 MS
* type from ItbPumpDevices (extensible)
* patient 1..1 MS
* patient only Reference(Patient)

Invariant: itb-device-1
Description: "The type is named by a code or in words."
Severity: #error
Expression: "type.coding.exists() or type.text.exists()"

Invariant: itb-pump-1
Description: "The type is not that of another device: IV pump, insulin pump, neurostimulator or urogenital implant."
Severity: #error
Expression: "type.coding.where(system = 'http://snomed.info/sct' and (code = '433296005' or code = '69805005' or code = '25937001' or code = '303497001')).empty()"

Profile: ItbCatheter
Parent: Device
Id: itb-catheter
Title: "Intrathecal catheter"
Description: "The catheter between pump and spinal canal. No SNOMED CT code was verified for it; HCPCS codes or words name it."
* insert Published
* obeys itb-device-1
* udiCarrier 0..1 MS
* udiCarrier.deviceIdentifier 1..1
* status 1..1 MS
* lotNumber MS
* modelNumber MS
* type 1..1 MS
* type from ItbCatheterDevices (extensible)
* patient 1..1 MS
* patient only Reference(Patient)
