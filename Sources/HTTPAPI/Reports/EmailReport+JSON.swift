import JSON
import MailModel
import Reports
import Web

extension ReportCounts {
    func write(to writer: inout JSONWriter) {
        writer.object { writeMembers(to: &$0) }
    }

    /// Writes the counts and the rates.
    func writeMembers(to object: inout JSONWriter) {
        for measure in ReportMeasure.allCases { object.member(measure.name, self[measure]) }
        for rate in ReportRate.allCases { object.member(rate.rawValue, rate.of(self).percent) }
    }

    static let columns = ReportMeasure.allCases.map(\.name) + ReportRate.allCases.map(\.rawValue)

    var fields: [String] {
        ReportMeasure.allCases.map { String(self[$0]) } + ReportRate.allCases.map { String($0.of(self).percent) }
    }
}

extension EmailReport {
    /// Writes the range and the steps of the series.
    func writeFrame(to object: inout JSONWriter) {
        object.member("from", range.start.description)
        object.member("to", range.end.description)
        object.member("groupBy", interval.rawValue)
        object.member("timezone", range.zone.name)
    }

    func writeSeries(to object: inout JSONWriter) {
        object.member("series") { writer in
            writer.array { array in
                for point in series {
                    array.object {
                        $0.member("at", point.at.description)
                        $0.member("local", point.local)
                        point.counts.writeMembers(to: &$0)
                    }
                }
            }
        }
    }

    /// The table of the series: a line for each step.
    var table: CSV {
        var csv = CSV(header: ["at", "local"] + ReportCounts.columns)
        for point in series { csv.append([point.at.description, point.local] + point.counts.fields) }
        return csv
    }
}

extension Campaign {
    func writeMembers(to object: inout JSONWriter) {
        object.member("id", id)
        object.member("externalId", externalID)
        object.member("userName", userName)
        object.member("createdAt", createdAt.description)
        object.member("totals") { totals.write(to: &$0) }
    }

    static func table(of campaigns: some Sequence<Campaign>) -> CSV {
        var csv = CSV(header: ["externalId", "userName", "createdAt"] + ReportCounts.columns)
        for campaign in campaigns {
            csv.append([campaign.externalID, campaign.userName, campaign.createdAt.description] + campaign.totals.fields)
        }
        return csv
    }
}
